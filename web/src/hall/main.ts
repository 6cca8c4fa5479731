import { keepDisplay } from '../ui/display'
import { startPage } from '../ui/page'
import HallPage from './HallPage.vue'

keepDisplay()
startPage(HallPage, 'desk', 'hall.title')
