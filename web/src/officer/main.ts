import { keepDisplay } from '../ui/display'
import { startPage } from '../ui/page'
import OfficerPage from './OfficerPage.vue'

keepDisplay()
startPage(OfficerPage, 'desk', 'officer.title')
