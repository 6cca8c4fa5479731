import { keepDisplay } from '../ui/display'
import { startPage } from '../ui/page'
import SendPage from './SendPage.vue'

keepDisplay()
startPage(SendPage, 'desk', 'handIn.sendTitle')
