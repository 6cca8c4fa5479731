import { keepDisplay } from '../ui/display'
import { startPage } from '../ui/page'
import TicketPage from './TicketPage.vue'

keepDisplay()
startPage(TicketPage, 'desk', 'summary.title')
